package ancm

import (
	"fmt"
	"testing"

	"ancmbench/models/ancm/webconfig"
	"ancmbench/models/app"
)

func TestOtherApps(t *testing.T) {
	t.Run("IP-06_second_app_and_mixed_models", func(t *testing.T) { eachFront(t, testOtherApps) })
}

func testOtherApps(t *testing.T, kind string) {
	apps := []webconfig.OtherApp{{Path: "shop", HostingModel: webconfig.InProcess}, {Path: "old/blog", HostingModel: webconfig.OutOfProcess}}
	for _, c := range []struct{ model, shop, blog string }{
		{webconfig.InProcess, "500 500.35", "500 500.34"},
		{webconfig.OutOfProcess, "500 500.34", "404 "},
	} {
		address := startFront(t, kind, &OtherApps{Next: &InProcess{Handler: app.Handler()}, Apps: apps, HostingModel: c.model})
		for _, target := range []struct{ path, want string }{
			{"/plaintext", "200 "}, {"/plaintext?/shop/", "200 "}, {"/shopping", "404 "}, {"/old", "404 "}, {"/a/shop", "404 "},
			{"/shop", c.shop}, {"/Shop/", c.shop}, {"/shop?a=b", c.shop}, {"/%73hop/a", c.shop}, {"//shop/a", c.shop}, {"/a/../shop", c.shop},
			{"/old/blog/1", c.blog}, {"/old/BLOG", c.blog},
		} {
			resp, _ := sendRaw(t, address, "GET "+target.path+" HTTP/1.1\r\nHost: a\r\n\r\n")
			if got := fmt.Sprint(resp.StatusCode, " ", resp.Header.Get("X-Ancm-Error")); got != target.want {
				t.Errorf("%s, %s: %s, want %s", c.model, target.path, got, target.want)
			}
		}
	}
}
