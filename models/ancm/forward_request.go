package ancm

import (
	"encoding/base64"
	"strconv"

	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
	"ancmbench/models/internal/caller"
)

// compose writes the request head for the app into u.out.
func (f *Forwarder) compose(x *httpsys.Exchange, b *Backend, u *upstream) {
	out := u.out[:0]
	out = append(out, x.Method...)
	out = append(out, ' ')
	out = append(out, x.Target...)
	out = append(out, " HTTP/1.1\r\nHost: "...)
	out = append(out, x.Host...)
	out = append(out, '\r', '\n')

	websocket := webSocket(x)
	named := namesMore(x.Fields)
	trailers, announced, sized := false, false, false
	for i := range x.Fields {
		h := &x.Fields[i]
		switch h.Kind {
		case http1.Other, http1.Date, http1.Proof, http1.Ancm:
		case http1.Underscored: // some app servers take it for a field with hyphens (OP-21)
			if !f.Bare {
				continue
			}
		case http1.Trailer:
			announced = true
		case http1.Module:
			if !f.Bare {
				continue
			}
		case http1.XForwardedFor, http1.XForwardedProto:
			if !f.Bare {
				continue // joined with our own below
			}
		case http1.Expect:
			if x.Expect {
				continue // told below, together with the body
			}
		case http1.ContentLength:
			sized = true
			continue
		case http1.TE:
			trailers = trailers || http1.Lists(h.Value, "trailers")
			continue
		case http1.WebSocketExtensions:
			if websocket && !f.Bare {
				continue
			}
		default: // Host, framing, and what concerns the client's connection alone
			continue
		}
		if named && http1.NamedByConnection(x.Fields, h.Name) {
			continue
		}
		out = appendField(out, h)
	}
	if !f.Bare {
		out = f.module(out, x, b, u.caller, named)
	}
	switch {
	case websocket:
		out = append(out, "Connection: Upgrade\r\nUpgrade: websocket\r\n"...)
	case trailers:
		out = append(out, "TE: trailers\r\nConnection: TE"...)
		if f.NoReuse {
			out = append(out, ", close"...)
		}
		out = append(out, '\r', '\n')
	case f.NoReuse:
		out = append(out, "Connection: close\r\n"...)
	}
	out = u.framing(out, x, announced, sized)
	u.out = append(out, '\r', '\n')
}

// framing adds the fields that frame the body, if there is one. announced reports that
// the client has named trailers, and sized that it has given a length.
func (u *upstream) framing(out []byte, x *httpsys.Exchange, announced, sized bool) []byte {
	// HTTP/2 has trailers behind a body with a length, HTTP/1.1 behind chunks only.
	u.inChunks = x.Length < 0 || x.Length > 0 && announced && x.Major == 2
	switch {
	case u.inChunks:
		out = append(out, "Transfer-Encoding: chunked\r\n"...)
	case x.Length > 0:
		out = append(out, "Content-Length: "...)
		out = strconv.AppendInt(out, x.Length, 10)
		out = append(out, '\r', '\n')
	case sized: // the client says that there is none, and so do we; else nobody does
		out = append(out, "Content-Length: 0\r\n"...)
	}
	if x.Expect {
		out = append(out, "Expect: 100-continue\r\n"...)
	}
	return out
}

// module adds the module's own fields for the app (OP-07).
func (f *Forwarder) module(out []byte, x *httpsys.Exchange, b *Backend, who *caller.Passed, named bool) []byte {
	out = append(out, "MS-ASPNETCORE-TOKEN: "...)
	out = append(out, b.Token...)
	out = append(out, '\r', '\n')
	if who != nil {
		out = append(out, "MS-ASPNETCORE-WINAUTHTOKEN: "...)
		out = who.Append(out)
		out = append(out, '\r', '\n')
	}
	if len(x.Client) > 0 {
		out = append(out, "X-Forwarded-For: "...)
		out = appendForwarded(out, x.Fields, http1.XForwardedFor, named)
		out = append(out, x.Client...)
		out = append(out, '\r', '\n')
	}
	out = append(out, "X-Forwarded-Proto: "...)
	out = appendForwarded(out, x.Fields, http1.XForwardedProto, named)
	out = append(out, x.Scheme()...)
	out = append(out, '\r', '\n')
	if x.TLS != nil && len(x.TLS.PeerCertificates) > 0 {
		out = append(out, "MS-ASPNETCORE-CLIENTCERT: "...)
		out = base64.StdEncoding.AppendEncode(out, x.TLS.PeerCertificates[0].Raw)
		out = append(out, '\r', '\n')
	}
	return out
}

// appendForwarded joins the values of earlier intermediaries, each followed by a comma.
// A client that names these fields in Connection removes the earlier values, never the
// module's own.
func appendForwarded(out []byte, fields []httpsys.Field, kind http1.Kind, named bool) []byte {
	for i := range fields {
		if fields[i].Kind == kind && len(fields[i].Value) > 0 && !(named && http1.NamedByConnection(fields, fields[i].Name)) {
			out = append(out, fields[i].Value...)
			out = append(out, ',', ' ')
		}
	}
	return out
}

func appendField(out []byte, f *httpsys.Field) []byte {
	out = append(out, f.Name...)
	out = append(out, ':', ' ')
	out = append(out, f.Value...)
	return append(out, '\r', '\n')
}

// namesMore reports whether Connection names fields beside the usual options.
func namesMore(fields []httpsys.Field) bool {
	for i := range fields {
		if fields[i].Kind != http1.Connection {
			continue
		}
		v := fields[i].Value
		if !http1.EqualFold(v, "keep-alive") && !http1.EqualFold(v, "close") && !http1.EqualFold(v, "upgrade") {
			return true
		}
	}
	return false
}

// webSocket reports whether this is a WebSocket handshake (RFC 6455, 4.1).
func webSocket(x *httpsys.Exchange) bool {
	if !x.Upgrade || !x.Is("GET") || x.Length != 0 {
		return false
	}
	for i := range x.Fields {
		if x.Fields[i].Kind == http1.Upgrade && http1.EqualFold(x.Fields[i].Value, "websocket") {
			return true
		}
	}
	return false
}
