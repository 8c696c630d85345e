# Twenty minutes, at a sixtieth.
exec { 'something that takes long':
  command => '/bin/sleep 20',
  creates => '/run/never',
}
