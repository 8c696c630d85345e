include page

# For the checks: a setuid program, and one that maps memory which is both writable and executable (mmap is system call 9
# on x86-64 and 222 on arm64).
file { '/usr/local/bin/root-id':
  source => '/usr/bin/id',
  mode   => '4755',
}
file { '/usr/local/bin/compiles':
  mode    => '0755',
  content => @(END)
    #!/usr/bin/perl
    my $mmap = `uname -m` =~ /x86_64/ ? 9 : 222;
    exit(syscall($mmap, 0, 4096, 7, 0x22, -1, 0) == -1);
    | END
}

# A daemon without a unit, as SysV and Java start scripts leave it behind: it has to outlive Puppet's own unit.
service { 'left-running':
  ensure   => running,
  provider => base,
  start    => 'nohup /bin/sh -c "echo \$\$ > /run/left-running.pid; exec sleep 100000" &',
  status   => '/bin/sh -c "kill -0 $(cat /run/left-running.pid)"',
}

# Another user has to get into the directory that Puppet runs in.
exec { 'as another user':
  command => '/bin/pwd > /tmp/as-another-user',
  provider => shell,
  user    => 'nobody',
  creates => '/tmp/as-another-user',
}
