include page

# A converge leaves it as it is, so that is no drift.
file { '/srv/left-alone':
  content => "never written\n",
  noop    => true,
}

# Somebody else is at work with dpkg when Puppet comes to its package, and for three seconds more.
file { '/usr/local/sbin/hold-lock':
  content => "use Fcntl; open F, '>', \$ARGV[0]; my \$lock = pack('ssx4qqlx4', F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, \$lock) or die; open H, '>', '/srv/held'; sleep 4;\n",
}
-> exec { 'hold the lock of dpkg':
  command  => 'perl /usr/local/sbin/hold-lock /var/lib/dpkg/lock-frontend >/dev/null 2>&1 & until test -e /srv/held; do sleep 0.1; done',
  path     => '/usr/bin:/bin',
  provider => shell,
  timeout  => 10,
  creates  => '/srv/held',
}
-> package { 'muster-lab-grow-data': ensure => installed }
