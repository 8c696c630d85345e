exec { '/bin/sh -c "echo begin >> /var/log/slow-work; sync; sleep 4; echo end >> /var/log/slow-work"':
  creates => '/srv/page.html',
}
-> class { 'page': }
