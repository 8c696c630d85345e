file { '/srv/page.html':
  content => "version 1\n",
}
