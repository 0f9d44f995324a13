package ancm

import (
	"fmt"
	"strings"
	"testing"

	"ancmbench/models/app"
)

func TestOtherApps(t *testing.T) {
	t.Run("IP-06_second_app_and_mixed_models", func(t *testing.T) { eachFront(t, testOtherApps) })
	t.Run("IP-06_other_apps_of_a_web.config", testOtherAppsRead)
}

func testOtherApps(t *testing.T, kind string) {
	apps := []OtherApp{{"shop", InProcessModel}, {"old/blog", OutOfProcessModel}}
	for _, c := range []struct{ model, shop, blog string }{
		{InProcessModel, "500 500.35", "500 500.34"},
		{OutOfProcessModel, "500 500.34", "404 "},
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

func testOtherAppsRead(t *testing.T) {
	const text = `<configuration><location path="." inheritInChildApplications="false"><system.webServer>
<aspNetCore processPath="app" hostingModel="InProcess"/></system.webServer></location>
<location path="Shop"><system.webServer><aspNetCore processPath="shop" hostingModel="inProcess"/></system.webServer></location>
<location path="shop\admin"><system.webServer><aspNetCore processPath="admin" hostingModel="outofprocess"/></system.webServer></location>
<location path="plain"><system.webServer><handlers/></system.webServer></location>
<location path="same"><system.webServer><aspNetCore processPath="same"/></system.webServer></location></configuration>`
	for _, c := range []struct{ location, module, want string }{
		{"", "", "[{shop inprocess} {shop/admin outofprocess} {same inprocess}]"},
		{"", "v1", "[{shop outofprocess} {shop/admin outofprocess} {same outofprocess}]"},
		{"shop", "", "[{shop/admin outofprocess} {same inprocess}]"},
		{"shop/admin", "", "[{same outofprocess}]"}, // shop's requests do not come here, nor are those here shop's
	} {
		got, notices, err := WebConfig{Location: c.location, Module: c.module}.Read("web.config", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got.Others) != c.want {
			t.Errorf("location %q, module %s: %v, want %s", c.location, c.module, got.Others, c.want)
		}
		n := 0
		for _, notice := range notices {
			if strings.HasSuffix(notice, ": another application, which is not hosted here") {
				n++
			}
		}
		if n != len(got.Others) {
			t.Errorf("location %q: %d of %d are mentioned: %q", c.location, n, len(got.Others), notices)
		}
	}
}
