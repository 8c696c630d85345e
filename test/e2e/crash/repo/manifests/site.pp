# Long enough to be met at work. What a power cut finds under that name has to be whole: so it is synced before.
exec { 'work':
  command => '/bin/sh -c "sleep 1 && echo done > /srv/work.new && sync && mv /srv/work.new /srv/work"',
  creates => '/srv/work',
}
-> class { 'page': }
