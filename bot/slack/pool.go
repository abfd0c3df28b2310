package slack

import "sync"

// Limits of the pool.
const (
	maxPerKey  = 200  // jobs that wait under one key
	maxWaiting = 5000 // jobs that wait at all
	maxRunning = 64   // jobs that run at the same time
	keptIdle   = 8    // workers that wait for the next job: a new goroutine would grow its stack anew for each
)

// pool runs jobs of one key one after the other, in the order they came, and jobs of different keys at the same time.
type pool struct {
	mu      sync.Mutex
	queues  map[string][]func() // a key is in it while it has jobs, or a worker
	ready   []string            // keys that wait for a worker
	waiting int
	workers int
	idle    int
	next    chan string // the key for a worker that is idle; one that is counted idle has room for it
	closed  bool
	wg      sync.WaitGroup
}

func newPool() *pool {
	return &pool{queues: map[string][]func(){}, next: make(chan string, keptIdle)}
}

// put adds a job; false when there is no room or the pool is closed.
func (p *pool) put(key string, job func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	q, busy := p.queues[key]
	if p.closed || len(q) >= maxPerKey || p.waiting >= maxWaiting {
		return false
	}
	p.queues[key] = append(q, job)
	p.waiting++
	switch {
	case busy:
	case p.idle > 0:
		p.idle--
		p.next <- key
	case p.workers < maxRunning:
		p.workers++
		p.wg.Go(func() { p.work(key) })
	default:
		p.ready = append(p.ready, key)
	}
	return true
}

// work does the jobs of a key until none is left, and of one key after the other until it is not needed.
func (p *pool) work(key string) {
	for {
		for job := p.take(key); job != nil; job = p.take(key) {
			job()
		}
		p.mu.Lock()
		if len(p.ready) > 0 {
			key, p.ready = p.ready[0], p.ready[1:]
			p.mu.Unlock()
			continue
		}
		if p.closed || p.idle >= keptIdle {
			p.workers--
			p.mu.Unlock()
			return
		}
		p.idle++
		p.mu.Unlock()
		var more bool
		if key, more = <-p.next; !more {
			return
		}
	}
}

// take is the next job of a key; nil when there is none, and then the key has no worker any more.
func (p *pool) take(key string) func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := p.queues[key]
	if len(q) == 0 {
		delete(p.queues, key)
		return nil
	}
	job := q[0]
	q[0] = nil
	p.queues[key] = q[1:]
	p.waiting--
	return job
}

// close takes no more jobs and waits for those it has.
func (p *pool) close() {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.next)
	}
	p.mu.Unlock()
	p.wg.Wait()
}
