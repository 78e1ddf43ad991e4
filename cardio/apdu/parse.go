package apdu

import "fmt"

// Parse reads a short APDU as Bytes writes it; ErrCommand for anything else. A header
// and a zero it takes for a command that wants nothing back: the other reading, 256
// bytes, sends the same.
func Parse(b []byte) (Command, error) {
	if len(b) < 5 {
		return Command{}, fmt.Errorf("%w: %d bytes", ErrCommand, len(b))
	}
	c := Command{CLA: b[0], INS: b[1], P1: b[2], P2: b[3]}
	if len(b) == 5 {
		c.Le = int(b[4])
		return c, nil
	}
	n := int(b[4])
	rest := b[5:]
	if n == 0 || len(rest) < n || len(rest) > n+1 {
		return Command{}, fmt.Errorf("%w: %d bytes with lc %d", ErrCommand, len(b), n)
	}
	c.Data = rest[:n:n]
	if len(rest) == n+1 {
		if c.Le = int(rest[n]); c.Le == 0 {
			c.Le = MaxLe
		}
	}
	return c, nil
}

// OneWay is a command as T=0 carries it, in one direction only: a short APDU with data loses its Le (ISO 7816-3
// §12.2.5). Anything else stays as it is.
func OneWay(b []byte) []byte {
	c, err := Parse(b)
	if err != nil || len(c.Data) == 0 || c.Le == 0 {
		return b
	}
	return b[:len(b)-1]
}
