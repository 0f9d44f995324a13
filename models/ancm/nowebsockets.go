package ancm

import (
	"slices"

	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
)

// NoWebSockets stands in front of an app whose web.config has <webSocket
// enabled="false"/>. It removes the Upgrade field, so that the app does not see that a
// client asks for another protocol.
type NoWebSockets struct{ Next httpsys.Handler }

// ServeExchange asks Next.
func (n NoWebSockets) ServeExchange(x *httpsys.Exchange) {
	if x.Upgrade {
		x.Upgrade = false
		x.Fields = slices.DeleteFunc(slices.Clone(x.Fields), func(f httpsys.Field) bool { return f.Kind == http1.Upgrade })
	}
	n.Next.ServeExchange(x)
}
