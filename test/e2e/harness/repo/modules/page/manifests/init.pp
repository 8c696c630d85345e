# A page that says who serves it, and the small server for it.
class page {
  file { '/srv/page.html':
    content => "welcome to ${facts['muster']['role']} in ${facts['muster']['environment']}, served by ${facts['muster']['instance']['id']}\n",
  }
  file { '/usr/local/sbin/page-server':
    source => 'puppet:///modules/page/page-server',
    mode   => '0755',
  }
  file { '/etc/systemd/system/page.service':
    source => 'puppet:///modules/page/page.service',
  }
  service { 'page':
    ensure    => running,
    enable    => true,
    subscribe => File['/usr/local/sbin/page-server', '/etc/systemd/system/page.service'],
  }
}
