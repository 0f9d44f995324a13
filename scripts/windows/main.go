// Command windows writes bcryptprimitives.dll for a Wine that lacks it (before
// 9.0), without which no Go program starts there. The file has no code: its one
// export, ProcessPrng, is forwarded to advapi32's SystemFunction036, which is
// RtlGenRandom and takes the same arguments.
//
//	go run ./scripts/windows FILE
//
// The layout is that of "PE Format" (Microsoft): headers and one section, .edata.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
)

// Where the section is: in memory relative to the image, and in the file.
const (
	sectionAddress = 0x1000
	sectionOffset  = 0x200
	optionalHeader = 240 // bytes, with 16 data directories
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: windows FILE")
		os.Exit(2)
	}
	if err := os.WriteFile(os.Args[1], library("bcryptprimitives.dll", "ProcessPrng", "advapi32.SystemFunction036"), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "windows:", err)
		os.Exit(1)
	}
}

// exports is an .edata section with one name, forwarded.
func exports(library, name, to string) []byte {
	const tables = 40 + 4 + 4 + 4 // directory, addresses, names, ordinals (padded)
	texts := [3]string{library, name, to}
	var at [3]uint32
	next := uint32(sectionAddress + tables)
	for i, t := range texts {
		at[i] = next
		next += uint32(len(t)) + 1
	}
	out := words(
		uint32(0), uint32(0), uint32(0), at[0],
		uint32(1),            // first ordinal
		uint32(1), uint32(1), // addresses, names
		uint32(sectionAddress+40), uint32(sectionAddress+44), uint32(sectionAddress+48),
		at[2], at[1], uint16(0), uint16(0))
	for _, t := range texts {
		out = append(append(out, t...), 0)
	}
	return out
}

// library is a DLL for x86-64 that has nothing but that section.
func library(file, name, to string) []byte {
	section := exports(file, name, to)
	size := uint32(len(section))
	out := append([]byte("MZ"), make([]byte, 58)...)
	out = append(out, words(uint32(64))...) // where the signature is
	out = append(out, "PE\x00\x00"...)
	out = append(out, words(uint16(0x8664), uint16(1), uint32(0), uint32(0), uint32(0), uint16(optionalHeader), uint16(0x2022))...)
	out = append(out, words( // optional header: PE32+, no entry point
		uint16(0x20b), uint16(0), uint32(0), uint32(0x200), uint32(0), uint32(0), uint32(sectionAddress),
		uint64(0x180000000), uint32(0x1000), uint32(0x200),
		uint16(6), uint16(0), uint16(0), uint16(0), uint16(6), uint16(0), uint32(0),
		uint32(0x2000), uint32(sectionOffset), uint32(0), uint16(3), uint16(0x140),
		uint64(0x100000), uint64(0x1000), uint64(0x100000), uint64(0x1000), uint32(0), uint32(16),
		uint32(sectionAddress), size)...)
	out = append(out, make([]byte, 15*8)...) // the other directories
	out = append(out, ".edata\x00\x00"...)
	out = append(out, words(size, uint32(sectionAddress), uint32(0x200), uint32(sectionOffset),
		uint32(0), uint32(0), uint16(0), uint16(0), uint32(0x40000040))...)
	out = append(out, make([]byte, sectionOffset-len(out))...)
	out = append(out, section...)
	return append(out, make([]byte, sectionOffset+0x200-len(out))...)
}

func words(values ...any) []byte {
	var b bytes.Buffer
	for _, v := range values {
		_ = binary.Write(&b, binary.LittleEndian, v) // a Buffer takes all
	}
	return b.Bytes()
}
