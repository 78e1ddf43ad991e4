package modbus

// Sniffer listens to a serial line without being its master. Nothing in a frame
// says who sent it, so where bytes can be read both ways, the frame before them
// decides: what answers the last request is a reply, else it is a request. The
// zero Sniffer is ready.
type Sniffer struct {
	last Frame // the request that has no reply yet
	open bool
}

// Next finds the first whole frame of either side, and says which side it is
// taken for. Else as NextRTU.
func (s *Sniffer) Next(stream []byte) (f Frame, from Side, skipped int, rest []byte, err error) {
	keep := len(stream)
	for i := range stream {
		f, from, size, more := s.start(stream[i:])
		if size > 0 {
			s.remember(f, from)
			return f, from, i, stream[i+size:], nil
		}
		if more {
			keep = min(keep, i)
		}
	}
	return Frame{}, Request, keep, stream[keep:], ErrIncomplete
}

// start reads the frame at the beginning of b, whichever side it is of.
func (s *Sniffer) start(b []byte) (f Frame, from Side, size int, more bool) {
	asked, sizeAsked, moreAsked := startRTU(b, Request)
	said, sizeSaid, moreSaid := startRTU(b, Reply)
	if sizeSaid > 0 && (sizeAsked == 0 || s.answers(said)) {
		return said, Reply, sizeSaid, false
	}
	return asked, Request, sizeAsked, moreAsked || moreSaid
}

// answers tells whether f is what the last request waits for.
func (s *Sniffer) answers(f Frame) bool {
	return s.open && f.Unit == s.last.Unit && f.Message.Function == s.last.Message.Function && f.Message.matches(s.last.Message)
}

// remember keeps a request until its reply came; its bytes it does not keep.
func (s *Sniffer) remember(f Frame, from Side) {
	s.last, s.open = f, from == Request
	s.last.Message.Data = nil
}
