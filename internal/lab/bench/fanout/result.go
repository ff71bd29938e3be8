package fanout

// Result is what a [Fanout] run saw.
type Result struct {
	CPUs int `json:"cpus"`
	// PostLatency is how long a counting server takes to answer a post.
	PostLatency float64 `json:"postLatencyMs"`
	// Sockets says that the members were connected.
	Sockets bool `json:"sockets"`
	// MessageBytes is the size of a message's text.
	MessageBytes int    `json:"messageBytes"`
	Sizes        []Size `json:"sizes"`
}

// Size is the result for one number of members.
type Size struct {
	Members int `json:"members"`
	// Rooms is how many rooms they are in, all of which get each message at
	// the same time; Shards is how many shards each of those has.
	Rooms    int `json:"rooms"`
	Shards   int `json:"shards"`
	Messages int `json:"messages"`

	// Wall is the time from a send to the last delivery. With a counting
	// server that is when it answers the last post.
	Wall Times `json:"wallMs"`
	// DeliveriesPerSecond are the members over the median of that.
	DeliveriesPerSecond float64 `json:"deliveriesPerSecond"`
	// Ack is the time from a send to the sender's ack.
	Ack Times `json:"ackMs"`
	// Missing counts deliveries that did not come, Doubled those that came again.
	Missing int `json:"missing"`
	Doubled int `json:"doubled"`
	// MostInAir is how many posts waited for their answers at the same time,
	// at most; 0 with sockets.
	MostInAir int `json:"mostInAir"`

	// CPUPerPost is what the functions took, all of them and for everything
	// that they do for a message, in microseconds for each member.
	CPUPerPost float64 `json:"functionsCpuUsPerPost"`
	// Functions are the processes of the functions that had a part, over all
	// messages.
	Functions []Function `json:"functions"`
	// PerMessage is what AWS would bill for one message to all.
	PerMessage Billed `json:"perMessage"`

	// Posts compares clients on posts alone, without sockets.
	Posts *Posts `json:"posts,omitempty"`
}

// Billed is the use of AWS by one message.
type Billed struct {
	WriteUnits     float64 `json:"writeUnits"`
	ReadUnits      float64 `json:"readUnits"`
	QueueRequests  float64 `json:"queueRequests"`
	BilledMessages float64 `json:"billedMessages"`
	FunctionCalls  float64 `json:"functionCalls"`
	GBSeconds      float64 `json:"gbSeconds"`
	LogMegabytes   float64 `json:"logMegabytes"`
}

// Posts is what posts to the same counting server take when nothing but posts
// is made, by several clients and always with the same concurrency.
type Posts struct {
	Concurrency int `json:"concurrency"`
	// Floor is the time that a raw client takes for as many posts as the
	// counting server takes for a message. WallToFloor is the message's median over this one's.
	Floor       Times   `json:"floorMs"`
	WallToFloor float64 `json:"wallToFloor"`
	// PostsEach is over how many posts a round the clients are compared.
	PostsEach int               `json:"postsEach"`
	Clients   map[string]Client `json:"clients"`
	// CPU and allocations of Roomcast's poster over those of the raw client
	// and of the SDK's, tuned and as it comes.
	CPUToFloor      float64 `json:"posterCpuToFloor"`
	CPUToSDK        float64 `json:"posterCpuToSdk"`
	CPUToSDKUntuned float64 `json:"posterCpuToSdkUntuned"`
}

// Client is what a client needs to make posts.
type Client struct {
	// Wall is the time for PostsEach posts.
	Wall Times `json:"wallMs"`
	// CPUPerPost is processor time in microseconds, AllocsPerPost and
	// BytesPerPost what is allocated: runtime.MemStats' Mallocs and
	// TotalAlloc, in a process that only posts.
	CPUPerPost    float64 `json:"cpuUsPerPost"`
	AllocsPerPost float64 `json:"allocsPerPost"`
	BytesPerPost  float64 `json:"bytesPerPost"`
}

// Err returns an error if a delivery was lost or doubled. Clients drop a doubled
// delivery, but nothing here causes one.
func (r Result) Err() error {
	for _, s := range r.Sizes {
		if s.Missing+s.Doubled > 0 {
			return &lostError{s}
		}
	}
	return nil
}
