include page

exec { 'what Puppet sees of proxies':
  command  => 'env | grep -i _proxy | sort > /run/seen-by-puppet',
  provider => shell,
  path     => ['/usr/bin', '/bin'],
  creates  => '/run/seen-by-puppet',
}
