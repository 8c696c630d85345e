# nginx with one site: a page that says which instance served it.
#
# @param greeting
#   The headline of the page.
class profile::web (
  String[1] $greeting = 'Hello',
) {
  include nginx

  nginx::site { 'welcome':
    root           => '/srv/www/welcome',
    default_server => true,
  }

  file { ['/srv/www', '/srv/www/welcome']:
    ensure => directory,
    owner  => 'root',
    group  => 'root',
    mode   => '0755',
  }

  file { '/srv/www/welcome/index.html':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => epp('profile/welcome.html.epp', {
      'greeting' => $greeting,
      'muster'   => $facts['muster'],
    }),
  }
}
