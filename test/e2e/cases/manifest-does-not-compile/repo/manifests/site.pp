include page

file { '/srv/other'
  ensure => directory,
}
