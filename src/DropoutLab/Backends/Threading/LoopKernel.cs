namespace DropoutLab.Backends.Threading;

/// <summary>Calls a body for 0, 1, … count − 1, each thread a stretch of them.</summary>
internal sealed class LoopKernel(
    string name, ThreadTeam team, int count, IReadOnlyList<PlanBuffer> buffers, Action<int> body, Action? before = null,
    Action? after = null)
    : Kernel
{
    private readonly Loop loop = new(count, body);

    public override IEnumerable<PlanBuffer> Buffers => buffers;

    public override void Run()
    {
        before?.Invoke();
        team.Run(loop);
        after?.Invoke();
    }

    public override string ToString() => name;

    private sealed class Loop(int count, Action<int> body) : ParallelKernel
    {
        protected override void RunShare(int share, int shareCount)
        {
            (int begin, int end) = RangeOf(count, share, shareCount);
            for (int i = begin; i < end; i++)
                body(i);
        }
    }
}
