package webconfig

import (
	"fmt"
	"strings"
	"testing"
)

func TestOtherApps(t *testing.T) { t.Run("IP-06_other_apps_of_a_web.config", testOtherAppsRead) }

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
		got, notices, err := Reader{Location: c.location, Module: c.module}.Read("web.config", strings.NewReader(text))
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
