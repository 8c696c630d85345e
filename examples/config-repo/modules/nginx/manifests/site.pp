# One site: the static files of a directory.
#
# @param root
#   The directory that is served.
# @param port
#   The port to listen on.
# @param default_server
#   Whether it answers requests for names that no other site has.
define nginx::site (
  Pattern[/\A\/[A-Za-z0-9._\/-]+\z/] $root,
  Integer[1, 65535] $port = 80,
  Boolean $default_server = false,
) {
  include nginx

  file { "/etc/nginx/sites-enabled/${title}":
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => epp('nginx/site.epp', {
      'root'           => $root,
      'port'           => $port,
      'default_server' => $default_server,
    }),
    notify  => Service['nginx'],
  }
}
