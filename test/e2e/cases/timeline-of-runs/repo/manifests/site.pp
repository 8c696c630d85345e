# Works for as many seconds as the file says, and keeps a book of it.
exec { 'slow work':
  command => '/bin/sh -c "echo begin >> /var/log/slow-work; sleep $(cat /etc/slow-seconds); echo end >> /var/log/slow-work"',
  creates => '/srv/page.html',
}
-> class { 'page': }
