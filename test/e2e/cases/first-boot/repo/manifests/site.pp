include page

# A daemon without a unit, as SysV and Java start scripts leave it behind: it has to outlive Puppet's own unit.
service { 'left-running':
  ensure   => running,
  provider => base,
  start    => 'nohup /bin/sh -c "echo \$\$ > /run/left-running.pid; exec sleep 100000" &',
  status   => '/bin/sh -c "kill -0 $(cat /run/left-running.pid)"',
}

# Another user has to get into the directory that Puppet runs in.
exec { 'as another user':
  command => '/bin/pwd > /tmp/as-another-user',
  provider => shell,
  user    => 'nobody',
  creates => '/tmp/as-another-user',
}
