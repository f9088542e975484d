using DropoutLab.Backends.Threading;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>
/// Operators that treat each datum by itself, one after another on the same datum before the next one's turn: what passes
/// between them never leaves the cache, and the threads are called together once.
/// </summary>
internal sealed class RowGroupKernel(ThreadTeam team, int batch, IReadOnlyList<RowStage> stages) : Kernel
{
    private readonly Group group = new(batch, [.. stages]);

    public override IEnumerable<PlanBuffer> Buffers => stages.SelectMany(stage => stage.Operands).Select(operand => operand.Buffer);

    public override void Run()
    {
        group.Begin();
        team.Run(group);
        group.End();
    }

    public override string ToString() => string.Join(", ", stages.Select(stage => stage.GetType().Name));

    private sealed class Group(int batch, RowStage[] stages) : ParallelKernel
    {
        public void Begin()
        {
            foreach (RowStage stage in stages)
                stage.Begin();
        }

        public void End()
        {
            foreach (RowStage stage in stages)
                stage.End();
        }

        protected override void RunShare(int share, int shareCount)
        {
            (int begin, int end) = RangeOf(batch, share, shareCount);
            for (int datum = begin; datum < end; datum++)
            {
                RowPlace place = new(datum, share);
                foreach (RowStage stage in stages)
                    stage.Run(place);
            }
        }
    }
}
