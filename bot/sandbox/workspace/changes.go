package workspace

import (
	"context"
	"sync"
)

// subscriberQueue is how many changes a subscriber may lag before it is told to read
// everything again.
const subscriberQueue = 256

// subscribers fan changes out.
type subscribers struct {
	mu     sync.Mutex
	seq    int
	list   map[chan Change]func() bool
	closed bool
}

// Subscribe returns the changes from now on, until ctx ends or the workspace closes;
// then the channel is closed. It is bounded: a subscriber that falls behind loses
// what it had not read and gets one [ChangeResync] in its place.
func (w *Workspace) Subscribe(ctx context.Context) <-chan Change {
	ch := make(chan Change, subscriberQueue)
	s := &w.subs
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		close(ch)
		return ch
	}
	if s.list == nil {
		s.list = map[chan Change]func() bool{}
	}
	s.list[ch] = context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, ok := s.list[ch]; ok {
			delete(s.list, ch)
			close(ch)
		}
	})
	return ch
}

// publish hands a change to every subscriber without waiting for any.
func (s *subscribers) publish(c Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	c.Seq = s.seq
	for ch := range s.list {
		select {
		case ch <- c:
			continue
		default:
		}
		// Only publish sends, and it holds the lock: after emptying there is room.
		for len(ch) > 0 {
			select {
			case <-ch:
			default:
			}
		}
		ch <- Change{Seq: c.Seq, Kind: ChangeResync}
	}
}

func (s *subscribers) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for ch, stop := range s.list {
		stop()
		close(ch)
		delete(s.list, ch)
	}
}
