# Prints before the agent is killed and after it came back.
exec { 'before':
  command   => '/bin/echo printed-before',
  logoutput => true,
}
-> exec { 'wait':
  command => '/bin/sh -c "touch /run/waits; while [ ! -e /run/go-on ]; do sleep 0.2; done"',
}
-> exec { 'after':
  command   => '/bin/echo printed-after',
  logoutput => true,
}
-> class { 'page': }
