exec { '/bin/sh -c "echo begin >> /var/log/slow-work; exec sleep 5"':
  creates => '/srv/page.html',
}
-> class { 'page': }
