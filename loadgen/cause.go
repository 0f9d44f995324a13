package loadgen

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"syscall"
)

// noProtocol is in the text of the alert of a server that speaks none of the protocols that
// were offered (RFC 7301 3.2). Without QUIC, crypto/tls exports no type for it.
const noProtocol = "no application protocol"

// CauseOf returns the cause of an error of net or net/http, without host names and paths; it
// is empty if the general
// text for the outcome is enough.
func CauseOf(err error) string {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var dns *net.DNSError
	var number syscall.Errno
	switch {
	case errors.As(err, &authority):
		return "x509: certificate signed by unknown authority"
	case errors.As(err, &name):
		return "x509: certificate of another name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "x509: certificate expired or not yet valid"
	case errors.As(err, &invalid):
		return "x509: certificate not valid for this use"
	case errors.As(err, &record):
		return "the server speaks no TLS"
	case strings.Contains(err.Error(), noProtocol):
		return HTTP2Only + ", or another protocol that was not offered"
	case errors.As(err, &alert):
		return alert.Error()
	case errors.As(err, &dns):
		return "no such host"
	case errors.As(err, &number):
		return number.Error()
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "the server speaks no TLS"
	}
	return ""
}
