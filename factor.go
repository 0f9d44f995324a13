package ancmbench

// Factor is a property of an app, or of the connection to it, that may influence the
// cost of hosting the app.
type Factor string

// The factors. Those of the first group have a Level.
const (
	FactorCPU         Factor = "cpu"         // seconds of processor time in the app per request
	FactorWait        Factor = "wait"        // seconds that the app waits per request
	FactorDownload    Factor = "download"    // bytes of body in an answer
	FactorUpload      Factor = "upload"      // bytes of body in a request
	FactorConnections Factor = "connections" // kept-alive connections, used in turn

	FactorReconnect Factor = "reconnect" // a new connection for every request
	FactorStream    Factor = "stream"    // an answer in flushed pieces: its first byte counts
	FactorWebSocket Factor = "websocket" // round trips over an upgraded connection
	FactorFront     Factor = "front"     // TLS or HTTP/2, as Phase.Front says
)

// Factors lists them in the order in which reports show them.
var Factors = []Factor{FactorCPU, FactorWait, FactorDownload, FactorUpload, FactorConnections,
	FactorReconnect, FactorStream, FactorWebSocket, FactorFront}

// LevelUnit returns the unit of the factor's Level: "seconds", "bytes" or
// "connections". It is empty if the factor has no Level.
func (f Factor) LevelUnit() string {
	switch f {
	case FactorCPU, FactorWait:
		return "seconds"
	case FactorDownload, FactorUpload:
		return "bytes"
	case FactorConnections:
		return "connections"
	}
	return ""
}
