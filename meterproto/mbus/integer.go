package mbus

// getUint is the bytes as one number; at most eight of them.
func getUint(b []byte, o Order) uint64 {
	var v uint64
	if o == HighFirst {
		for _, x := range b {
			v = v<<8 | uint64(x)
		}
		return v
	}
	for i := len(b) - 1; i >= 0; i-- {
		v = v<<8 | uint64(b[i])
	}
	return v
}

// getInt is the bytes as one number in two's complement.
func getInt(b []byte, o Order) int64 {
	unused := 64 - 8*len(b)
	return int64(getUint(b, o)<<unused) >> unused
}

// appendUint appends the lowest size bytes of v.
func appendUint(dst []byte, v uint64, size int, o Order) []byte {
	for i := range size {
		at := i
		if o == HighFirst {
			at = size - 1 - i
		}
		dst = append(dst, byte(v>>(8*at)))
	}
	return dst
}
