namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>Operators on rows, one after another on the same datum before the next one's turn.</summary>
internal sealed class RowGroup(IReadOnlyList<RowStage> stages) : DatumWork
{
    private readonly RowStage[] stages = [.. stages];

    public override IEnumerable<PlanBuffer> Buffers =>
        stages.SelectMany(stage => stage.Operands).Select(operand => operand.Buffer);

    public override IEnumerable<PlanBuffer> Rows =>
        stages.SelectMany(stage => stage.Operands).Where(operand => operand.IsByDatum).Select(operand => operand.Buffer);

    public override IEnumerable<PlanBuffer> Sums => stages.SelectMany(stage => stage.Sums).Select(operand => operand.Buffer);

    public override void Begin()
    {
        foreach (RowStage stage in stages)
            stage.Begin();
    }

    public override void Run(int share, int begin, int end)
    {
        for (int datum = begin; datum < end; datum++)
        {
            RowPlace place = new(datum, begin, share);
            foreach (RowStage stage in stages)
                stage.Run(place);
        }
    }

    public override void End()
    {
        foreach (RowStage stage in stages)
            stage.End();
    }

    public override string ToString() => string.Join(", ", stages.Select(stage => stage.GetType().Name));
}
