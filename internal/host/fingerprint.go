package host

import (
	"fmt"
	"os"
	"os/user"
	"runtime"
	"slices"
	"strings"

	"github.com/shirou/gopsutil/v3/cpu"
	pshost "github.com/shirou/gopsutil/v3/host"
	"github.com/shirou/gopsutil/v3/mem"

	"ancmbench"
)

// Fingerprint returns a description of this machine, without the names of machine and
// users and without paths. Unsupported names each field that could not be read. Inspect
// and Watch provide the checks, warnings and series.
func Fingerprint() ancmbench.Host {
	h := ancmbench.Host{
		OS:        runtime.GOOS,
		Arch:      runtime.GOARCH,
		Cores:     runtime.NumCPU(),
		GoVersion: runtime.Version(),
	}
	f := facts{&h}
	f.word("kernel", &h.Kernel, pshost.KernelVersion)
	f.word("cpu_model", &h.CPUModel, cpuModel)
	f.word("cpu_governor", &h.Governor, governor)
	f.word("clock_source", &h.ClockSource, clockSource)
	f.word("virtualization", &h.Virtual, virtualization)
	f.bytes("memory_bytes", &h.MemoryBytes, func() (uint64, error) {
		m, err := mem.VirtualMemory()
		if err != nil {
			return 0, err
		}
		return m.Total, nil
	})
	f.bytes("swap_bytes", &h.SwapBytes, func() (uint64, error) {
		s, err := mem.SwapMemory()
		if err != nil {
			return 0, err
		}
		return s.Used, nil
	})
	if n, err := cores(); err != nil {
		f.missing("cores", err)
	} else {
		h.Cores = n
	}
	h.CoresAllowed = float64(h.Cores)
	if n, err := coresAllowed(); err != nil {
		f.missing("cores_allowed", err)
	} else {
		h.CoresAllowed = min(n, float64(h.Cores))
	}
	return h
}

// facts fills a Host, field by field.
type facts struct {
	h *ancmbench.Host
}

func (f facts) missing(field string, err error) {
	if f.h.Unsupported == nil {
		f.h.Unsupported = make(map[string]string)
	}
	f.h.Unsupported[field] = bare(err).Error()
}

func (f facts) word(field string, into *string, read func() (string, error)) {
	s, err := read()
	if err == nil && strings.TrimSpace(s) == "" {
		err = unsupported("the system does not say")
	}
	if err != nil {
		f.missing(field, err)
		return
	}
	*into = strings.Join(strings.Fields(s), " ")
}

func (f facts) bytes(field string, into *int64, read func() (uint64, error)) {
	n, err := read()
	if err != nil {
		f.missing(field, err)
		return
	}
	*into = int64(n)
}

func cpuModel() (string, error) {
	infos, err := cpu.Info()
	if err != nil {
		return "", err
	}
	for _, i := range infos {
		if i.ModelName != "" {
			return i.ModelName, nil
		}
	}
	for _, i := range infos {
		if i.VendorID != "" {
			return i.VendorID, nil
		}
	}
	return "", unsupported("the system does not say")
}

// cores returns the number of processors of the machine, including those that this process
// may not use.
func cores() (int, error) {
	n, err := cpu.Counts(true)
	if err == nil && n <= 0 {
		err = unsupported("the system does not say")
	}
	return n, err
}

// virtualization returns "none" or the name of the hypervisor or container system. For a
// container it also says whether there is a virtual machine around it.
func virtualization() (string, error) {
	system, role, err := pshost.Virtualization()
	guest := err == nil && role == "guest" && system != ""
	hypervisor := false
	if infos, e := cpu.Info(); e == nil && len(infos) > 0 {
		hypervisor = slices.Contains(infos[0].Flags, "hypervisor")
	}
	switch {
	case guest && hypervisor && slices.Contains(containers, system):
		return system + ", hypervisor", nil
	case guest:
		return system, nil
	case hypervisor:
		return "hypervisor", nil
	case err != nil:
		return "", err
	case !virtualizationKnown:
		return "", unsupported("the system does not say")
	}
	return "none", nil
}

// containers lists the systems, by gopsutil's names, that share the kernel of the machine
// that they run on.
var containers = []string{"docker", "podman", "lxc", "rkt", "systemd-nspawn", "openvz", "linux-vserver"}

// AddDetails fills in the details that identify the machine; only --with-host-details may
// ask for them. A detail that could not be read says so.
func AddDetails(h *ancmbench.Host) {
	h.Details = make(map[string]string)
	put := func(key string, read func() (string, error)) {
		s, err := read()
		if err != nil {
			s = fmt.Sprintf("unknown: %v", err)
		}
		h.Details[key] = s
	}
	if name, err := os.Hostname(); err == nil {
		h.Name = name
	} else {
		put("host_name", os.Hostname)
	}
	put("user", func() (string, error) {
		u, err := user.Current()
		if err != nil {
			return "", err
		}
		return u.Username, nil
	})
	put("directory", os.Getwd)
	put("executable", os.Executable)
	put("platform", func() (string, error) {
		name, _, version, err := pshost.PlatformInformation()
		return strings.TrimSpace(name + " " + version), err
	})
}
