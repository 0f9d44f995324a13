package native_test

import (
	"fmt"
	"net"
	"net/http"

	"ancmbench/models/ancm"
	"ancmbench/models/app"
	"ancmbench/models/httpsys"
	"ancmbench/models/native"
)

// The app in-process, behind authentication by name and password.
func Example() {
	hosted := &ancm.InProcess{Handler: app.Handler()}
	front, err := httpsys.New(httpsys.Options{
		Handler: &native.Basic{Next: hosted, Realm: "shop", Users: map[string]string{"anna": "secret"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error, 1)
	go func() { served <- front.Serve(listener) }()
	for _, user := range []string{"", "anna"} {
		r, _ := http.NewRequest(http.MethodGet, "http://"+listener.Addr().String()+"/plaintext", http.NoBody)
		if user != "" {
			r.SetBasicAuth(user, "secret")
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			fmt.Println(err)
			continue
		}
		_ = resp.Body.Close()
		fmt.Println(resp.Status, resp.Header.Get("X-Ancm-Error"))
	}
	_ = front.Close()
	<-served
	// Output:
	// 401 Unauthorized 401.2
	// 200 OK
}
