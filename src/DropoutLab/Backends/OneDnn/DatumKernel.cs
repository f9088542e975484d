using DropoutLab.Backends.Threading;

namespace DropoutLab.Backends.OneDnn;

/// <summary>
/// Works on the same data, a few data through all of them before the next: what passes between them stays in the cache.
/// </summary>
internal sealed class DatumKernel(ThreadTeam team, int batch, IReadOnlyList<DatumWork> works) : Kernel
{
    private readonly ThreadTeam team = team;
    private readonly DatumWork[] works = [.. works];
    private readonly Loop loop = new(batch, [.. works]);

    public override IEnumerable<PlanBuffer> Buffers => works.SelectMany(work => work.Buffers);

    /// <summary>
    /// The same kernels, neighbours joined wherever neither reads a sum of the other's: a sum is there only when all data are
    /// done.
    /// </summary>
    public static List<Kernel> Joined(IEnumerable<Kernel> kernels)
    {
        List<Kernel> joined = [];
        foreach (Kernel kernel in kernels)
        {
            if (kernel is DatumKernel next && joined is [.., DatumKernel last] && last.CanGoOnWith(next))
                joined[^1] = last.GoingOnWith(next);
            else
                joined.Add(kernel);
        }

        return joined;
    }

    /// <summary>Keeps of what no other kernel sees only the rows that are in work.</summary>
    public static void KeepWindows(IReadOnlyList<Kernel> kernels)
    {
        Dictionary<PlanBuffer, int> readers = kernels.SelectMany(kernel => kernel.Buffers.Distinct()).CountBy(buffer => buffer)
            .ToDictionary();
        foreach (DatumKernel kernel in kernels.OfType<DatumKernel>())
        {
            foreach (PlanBuffer buffer in kernel.OnlyRows()
                .Where(buffer => readers[buffer] == 1 && buffer is { IsPersistent: false, IsExternal: false }))
                buffer.KeepWindow(buffer.ByteSize / kernel.Batch, kernel.loop.DataAtOnce, kernel.team.ThreadCount);
        }
    }

    public override void Run()
    {
        foreach (DatumWork work in works)
        {
            if (work.Before is { } before)
                team.Run(before);
            work.Begin();
        }

        team.Run(loop);
        foreach (DatumWork work in works)
        {
            work.End();
            if (work.After is { } after)
                team.Run(after);
        }
    }

    public override string ToString() => string.Join("; ", works.Select(work => work.ToString()));

    private int Batch => batch;

    private IEnumerable<PlanBuffer> OnlyRows() =>
        works.SelectMany(work => work.Rows).Distinct().Except(works.SelectMany(work => work.Buffers.Except(work.Rows)));

    private bool CanGoOnWith(DatumKernel next) =>
        batch == next.Batch && !works.SelectMany(work => work.Sums).Intersect(next.Buffers).Any();

    private DatumKernel GoingOnWith(DatumKernel next) => new(team, batch, [.. works, .. next.works]);

    private sealed class Loop(int batch, DatumWork[] works) : ParallelKernel
    {
        public int DataAtOnce { get; } = works.Max(work => work.DataAtOnce);

        protected override void RunShare(int share, int shareCount)
        {
            (int begin, int end) = RangeOf(batch, share, shareCount);
            for (int first = begin; first < end; first += DataAtOnce)
            {
                foreach (DatumWork work in works)
                    work.Run(share, first, Math.Min(first + DataAtOnce, end));
            }
        }
    }
}
