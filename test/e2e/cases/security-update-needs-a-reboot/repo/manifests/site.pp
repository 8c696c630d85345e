include page

# The page tells which version of the package was there when it was made.
File <| title == '/srv/page.html' |> {
  content => "served with muster-lab-restart ${file('/usr/share/muster-lab/muster-lab-restart')}",
}
