package ancm

import (
	"errors"
	"strings"

	"ancmbench/models/httpsys"
)

// Below stands in front of an application that is not at the root of its site. A
// request for a path that is not below Path gets 404, as from a site that has nothing
// else. Case does not matter, and "/shopping" is not below "/shop".
type Below struct {
	// Path is the application's, "/shop".
	Path string
	Next httpsys.Handler
}

var errOutside = errors.New("no application is at this path")

// ServeExchange asks Next, or refuses.
func (b *Below) ServeExchange(x *httpsys.Exchange) {
	asked, ok := askedPath(string(x.Target))
	if !ok || !below(asked, strings.ToLower(strings.Trim(b.Path, "/"))) {
		if x.Length != 0 {
			x.CloseAfter() // nobody reads the body
		}
		x.Error(404, 0, "text/plain; charset=utf-8", []byte("HTTP Error 404: the application of this site is at "+b.Path+"\n"), errOutside)
		return
	}
	b.Next.ServeExchange(x)
}
