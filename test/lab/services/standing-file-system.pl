# A file system in user space that can be made to stand still, as one over a dead network does:
# standing-file-system.pl DIRECTORY MOUNTPOINT shows DIRECTORY at MOUNTPOINT (the protocol is that of linux/fuse.h).
# After SIGUSR1 requests are taken and not answered: the kernel then waits for the answer uninterruptibly, and who asked
# cannot be killed (state D). SIGUSR2 answers them all. SIGSTOP takes no requests at all.
use strict;
use warnings;
use Fcntl qw(:mode O_RDONLY O_RDWR O_CREAT);
use POSIX ();

my ($directory, $mountpoint) = @ARGV;
$^F = 255;
open my $device, '+<', '/dev/fuse' or die "/dev/fuse: $!\n";
my $options = sprintf 'fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other', fileno $device;
system('mount', '-i', '-t', 'fuse', '-o', $options, 'standing', $mountpoint) == 0 or die "mount failed\n";

my %path = (1 => '');
my %node = ('' => 1);
my $last = 1;
my ($stands, @held) = (0);
$SIG{USR1} = sub { $stands = 1 };
$SIG{USR2} = sub { $stands = 0; answer($_) for splice @held };

my %do = (
  1 => sub { entry(child(@_)) },
  3 => sub { attributes($path{$_[0]}) },
  4 => sub { attributes($path{$_[0]}) },
  5 => sub { readlink(real($path{$_[0]})) // failed() },
  9 => sub { my $name = child($_[0], substr $_[1], 8); mkdir real($name) or return failed(); entry($name) },
  10 => sub { unlink real(child(@_)) or return failed(); '' },
  11 => sub { rmdir real(child(@_)) or return failed(); '' },
  12 => sub { renamed($_[0], substr($_[1], 0, 8), substr($_[1], 8)) },
  14 => sub { pack 'Q L L', 0, 0, 0 },
  15 => sub { my (undef, $at, $size) = unpack 'Q Q L', $_[1]; contents($path{$_[0]}, $at, $size) },
  16 => sub { written($path{$_[0]}, $_[1]) },
  17 => sub { pack 'Q5 L4 x24', 1000, 500, 400, 100, 50, 4096, 255, 4096, 0 },
  18 => sub { '' },
  20 => sub { '' },
  25 => sub { '' },
  26 => sub { my (undef, $minor) = unpack 'L L', $_[1]; pack 'L4 S2 L L S2 x32', 7, 31, 0, 0, 12, 9, 65536, 1, 0, 0 },
  27 => sub { pack 'Q L L', 0, 0, 0 },
  28 => sub { my (undef, $at, $size) = unpack 'Q Q L', $_[1]; listing($path{$_[0]}, $at, $size) },
  29 => sub { '' },
  35 => sub { my $name = child($_[0], substr $_[1], 16); made($name) },
  45 => sub { renamed($_[0], substr($_[1], 0, 8), substr($_[1], 16)) },
);

while (1) {
  my $size = sysread $device, my $request, 1 << 20;
  next if !defined $size && ($!{EINTR} || $!{EAGAIN} || $!{ENOENT});
  last if !$size;
  if ($stands) { push @held, $request } else { answer($request) }
}

sub answer {
  my ($request) = @_;
  my (undef, $operation, $unique, $node) = unpack 'L L Q Q', $request;
  # Forgetting and interrupting are not answered.
  return if $operation == 2 || $operation == 36 || $operation == 42;
  my $act = $do{$operation};
  my $result = defined $act ? $act->($node, substr $request, 40) : \POSIX::ENOSYS;
  my ($error, $body) = ref $result ? (-$$result, '') : (0, $result);
  syswrite $device, pack('L l Q', 16 + length $body, $error, $unique) . $body;
}

sub failed { my $number = $! + 0; \$number }
sub real { "$directory$_[0]" }
sub child { my ($node, $text) = @_; "$path{$node}/" . (unpack 'Z*', $text) }

sub idOf {
  my ($name) = @_;
  return $node{$name} //= do { $path{++$last} = $name; $last };
}

sub facts {
  my ($name) = @_;
  my @found = lstat real($name) or return;
  my ($mode, $links, $user, $group, $size, $blocks) = @found[2, 3, 4, 5, 7, 12];
  my @times = @found[8, 9, 10];
  return pack 'Q6 L10', idOf($name), $size, $blocks, @times, 0, 0, 0, $mode, $links, $user, $group, 0, 4096, 0;
}

sub attributes { my $facts = facts($_[0]) // return failed(); pack('Q L L', 0, 0, 0) . $facts }
sub entry { my $facts = facts($_[0]) // return failed(); pack('Q4 L2', idOf($_[0]), 0, 0, 0, 0, 0) . $facts }

sub contents {
  my ($name, $at, $size) = @_;
  open my $file, '<', real($name) or return failed();
  sysseek $file, $at, 0;
  sysread $file, (my $text), $size;
  return $text;
}

sub made {
  my ($name) = @_;
  sysopen((my $file), real($name), O_RDWR | O_CREAT, 0644) or return failed();
  return entry($name) . pack 'Q L L', 0, 0, 0;
}

sub written {
  my ($name, $request) = @_;
  my (undef, $at, $size) = unpack 'Q Q L', $request;
  open my $file, '+<', real($name) or return failed();
  sysseek $file, $at, 0;
  syswrite $file, substr $request, 40, $size;
  return pack 'L L', $size, 0;
}

sub renamed {
  my ($node, $target, $names) = @_;
  my ($from, $to) = unpack 'Z* Z*', $names;
  my ($old, $new) = ("$path{$node}/$from", $path{unpack 'Q', $target} . "/$to");
  rename real($old), real($new) or return failed();
  my $id = delete $node{$old};
  @path{$id} = $new, $node{$new} = $id if defined $id;
  return '';
}

sub listing {
  my ($name, $at, $size) = @_;
  opendir my $handle, real($name) or return failed();
  my @names = sort readdir $handle;
  my $text = '';
  for my $index ($at .. $#names) {
    my $entry = pack 'Q Q L L a*', 1, $index + 1, length $names[$index], 0, $names[$index];
    $entry .= "\0" x (-length($entry) % 8);
    last if length($text) + length($entry) > $size;
    $text .= $entry;
  }
  return $text;
}
