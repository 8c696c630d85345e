# nginx from the distribution, serving the sites that are declared with nginx::site and nothing else.
#
# @param worker_connections
#   Connections that one worker may have open.
class nginx (
  Integer[1] $worker_connections = 768,
) {
  package { 'nginx':
    ensure => installed,
  }

  file { '/etc/nginx/nginx.conf':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => epp('nginx/nginx.conf.epp', { 'worker_connections' => $worker_connections }),
    require => Package['nginx'],
    notify  => Service['nginx'],
  }

  # Only what Puppet put there; the distribution's default site goes.
  file { '/etc/nginx/sites-enabled':
    ensure  => directory,
    owner   => 'root',
    group   => 'root',
    mode    => '0755',
    recurse => true,
    purge   => true,
    require => Package['nginx'],
    notify  => Service['nginx'],
  }

  # A reload keeps the connections that a restart would cut.
  service { 'nginx':
    ensure  => running,
    enable  => true,
    restart => '/usr/bin/systemctl reload nginx.service',
  }
}
