# Stays behind when Puppet is done, as a daemon without a unit does.
service { 'left-running':
  ensure   => running,
  provider => base,
  start    => 'nohup /bin/sh -c "echo \$\$ > /run/left-running.pid; read -r line < /etc/issue.net; exec sleep 100000" &',
  status   => '/bin/sh -c "kill -0 $(cat /run/left-running.pid)"',
}
# Long enough to be met at work. What a power cut finds under that name has to be whole: so it is synced before.
-> exec { 'work':
  command => '/bin/sh -c "sleep 1 && echo done > /srv/work.new && sync && mv /srv/work.new /srv/work"',
  creates => '/srv/work',
}
-> class { 'page': }
