package ancm

import (
	"fmt"
	"io"
	"testing"

	"ancmbench/models/ancm/webconfig"
	"ancmbench/models/httpsys"
)

func TestApplications(t *testing.T) {
	t.Run("IP-06_first_asked_decides", func(t *testing.T) { eachFront(t, testApplications) })
}

// saying returns an application that answers with its name.
func saying(name string) httpsys.Handler {
	return httpsys.HandlerFunc(func(x *httpsys.Exchange) {
		_ = x.WriteHead(200, nil, int64(len(name)))
		_, _ = io.WriteString(x, name)
	})
}

func testApplications(t *testing.T, kind string) {
	const in, out = webconfig.InProcess, webconfig.OutOfProcess
	for _, c := range []struct {
		models [3]string // of the root, /shop, /shop/admin
		asked  []string
		want   []string
	}{
		{[3]string{in, in, in}, []string{"/", "/shop", "/", "/shop/admin"}, []string{"root", "500.35", "root", "500.35"}},
		{[3]string{in, in, in}, []string{"/SHOP/a", "/", "/shop"}, []string{"shop", "500.35", "shop"}},
		{[3]string{in, out, out}, []string{"/", "/shop", "/shopping", "/"}, []string{"root", "500.34", "root", "root"}},
		{[3]string{in, out, out}, []string{"/shop", "/", "/shop/admin/1?x=/", "/shop/1"}, []string{"shop", "500.34", "admin", "shop"}},
		{[3]string{out, out, out}, []string{"/", "/%73hop", "/shop/Admin", "//shop//admin", "/shop/../a"}, []string{"root", "shop", "admin", "admin", "root"}},
		{[3]string{out, out, in}, []string{"/shop/admin", "/shop", "/shop/admin/", "/%zz"}, []string{"admin", "500.34", "admin", "500.34"}},
		{[3]string{in, "", in}, []string{"/shop", "/shop/admin", "/", "/shop"}, []string{"shop", "admin", "500.35", "shop"}},
	} {
		address := startFront(t, kind, &Applications{Apps: []Application{
			{Path: "/shop/admin", HostingModel: c.models[2], Next: saying("admin")},
			{Path: "/", HostingModel: c.models[0], Next: saying("root")},
			{Path: "/Shop", HostingModel: c.models[1], Next: saying("shop")},
		}})
		for i, target := range c.asked {
			resp, _ := sendRaw(t, address, "GET "+target+" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
			b, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			got := resp.Header.Get("X-Ancm-Error")
			if got == "" {
				got = string(b)
			}
			if want := c.want[i]; got != want && (target != "/%zz" || resp.StatusCode != 400) {
				t.Errorf("%v after %v: %s, want %s", c.models, c.asked[:i+1], got, want)
			}
			if (resp.StatusCode == 500) != (len(got) > 5 && got[:4] == "500.") {
				t.Errorf("%s: %s", fmt.Sprint(resp.StatusCode), got)
			}
		}
	}
}
