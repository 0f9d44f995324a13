package models

import (
	"context"
	"net"
	"net/http"
	"strings"

	"ancmbench/models/ancm"
	"ancmbench/models/httpsys"
	"ancmbench/models/kestrel"
)

// appServer is the app's own server: for direct, and behind the module.
type appServer interface {
	Serve(net.Listener) error
	Shutdown(context.Context) error
	Close() error
}

// newAppServer makes the app's own server out of the code that the front is made
// of, lean or net/http: between two models the hop is to change, and not how well
// HTTP is read. kind is as in Options.Front; fields are set on every response.
func newAppServer(kind string, handler http.Handler, fields http.Header) (appServer, error) {
	options := ownOptions(handler, fields)
	options.Kind = kind
	lean, err := httpsys.New(options)
	if err != nil || lean.Kind() == httpsys.Lean {
		return lean, err
	}
	return kestrel.New(kestrel.Options{Handler: handler, Fields: fields}), nil
}

// ownOptions returns the options of a front that is the app's own server.
func ownOptions(handler http.Handler, fields http.Header) httpsys.Options {
	o := httpsys.Options{Handler: &ancm.InProcess{Handler: handler},
		MaxHead: kestrel.DefaultMaxHead, HeadTimeout: kestrel.DefaultHeadTimeout, IdleTimeout: kestrel.DefaultIdleTimeout}
	for name, values := range fields {
		o.Fields = append(o.Fields, httpsys.Field{Name: []byte(name), Value: []byte(strings.Join(values, ", "))})
	}
	return o
}
