# How packages are installed here; runs in the stage `setup`, so before all others.
class profile::setup {
  file { '/etc/apt/apt.conf.d/80-no-recommends':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => "APT::Install-Recommends \"false\";\n",
  }
}
