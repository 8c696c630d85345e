# Stands between a machine and the files that it opens: tripwire.pl ROOT PATTERN FREEZER
# No open on ROOT's file system returns before this process has allowed it (fanotify(7), permission events). Each
# whose path matches PATTERN is printed, and waits for a line: "go", or "freeze", which freezes the machine first and
# is answered by "frozen".
use strict;
use warnings;
use POSIX ();

my ($root, $pattern, $freezer) = @ARGV;
my ($init, $mark) = `uname -m` eq "aarch64\n" ? (262, 263) : (300, 301);
my ($class_content, $add, $filesystem, $allow) = (0x4, 0x1, 0x100, 1);
my ($open_perm, $directories) = (0x10000, 0x40000000);
my ($large_file, $here) = (0x8000, -100);

my $fan = syscall($init, $class_content, $large_file);
die "fanotify_init: $!\n" if $fan < 0;
syscall($mark, $fan, $add | $filesystem, $open_perm | $directories, $here, $root) == 0 or die "fanotify_mark: $!\n";
open my $events, '+<&=', $fan or die "fanotify: $!\n";
$| = 1;
print "ready\n";

while (sysread $events, my $buffer, 4096) {
  while (length $buffer) {
    my ($size, undef, undef, undef, undef, $fd) = unpack 'L C C S Q l', $buffer;
    substr $buffer, 0, $size, '';
    my $path = readlink("/proc/self/fd/$fd") // '';
    if ($path =~ $pattern) {
      print "$path\n";
      my $answer = <STDIN> // exit;
      freeze() if $answer eq "freeze\n";
    }
    syswrite $events, pack 'l L', $fd, $allow;
    POSIX::close($fd);
  }
}

# Whoever waits for us is frozen on its way back from the kernel, before its next instruction.
sub freeze {
  open my $file, '>', $freezer or die "$freezer: $!\n";
  syswrite $file, '1';
  print "frozen\n";
}
