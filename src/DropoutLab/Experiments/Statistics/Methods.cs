using DropoutLab.Dropout;

namespace DropoutLab.Experiments.Statistics;

/// <summary>The four that the poster compares at a ratio.</summary>
internal sealed record Methods(Method Plain, Method Standard, Method Forward, Method Backward)
{
    public static Methods At(double ratio, IReadOnlyList<CellRuns> cells) => new(
        new Method("plain", cells.FirstOrDefault(cell => cell.Cell.Dropout.IsPlain)),
        Method.Of("standard", DropoutRule.Standard(ratio), cells),
        Method.Of("forward", DropoutRule.Forward(ratio), cells),
        Method.Of("backward", DropoutRule.Backward(ratio), cells));
}
