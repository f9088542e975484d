using DropoutLab.Auditing;
using DropoutLab.Dashboard.Shared;
using DropoutLab.Experiments.Statistics;
using DropoutLab.Explanations;

namespace DropoutLab.Dashboard.Explain;

/// <summary>Makes matrices to look at from the arrays of one step.</summary>
/// <param name="stepName">The step's name in front of the arrays' names.</param>
/// <param name="step">The step.</param>
/// <param name="inputSymbol">The symbol of the layer's input: X where it is the network's, else h.</param>
internal sealed class MatrixPanels(string stepName, LayerStep step, string inputSymbol)
{
    private const string Dropped = "dropped";
    private const string Untouched = "untouched";

    private readonly string[] data = [.. Enumerable.Range(1, step.BatchSize).Select(number => $"datum {number}")];
    private readonly string[] classes = [.. Enumerable.Range(1, step.Audit.Weight.Shape[0]).Select(number => $"class {number}")];
    private readonly string[] features = Subscript.Sequence(inputSymbol.ToLowerInvariant(), step.Audit.Input.Shape[1]);

    public MatrixPanel Input(string caption) =>
        Data("input", inputSymbol, caption, MatrixTint.Feature, step.Audit.Input, null, inputSymbol == "X" ? 1 : 2);

    public MatrixPanel ForwardFactor(string caption, string symbol = "F") =>
        Data("forward_factor", symbol, caption, MatrixTint.Mask, step.Audit.ForwardFactor, step.Audit.ForwardFactor, null);

    public MatrixPanel BackwardFactor(string caption) =>
        Data("backward_factor", "B", caption, MatrixTint.Mask, step.Audit.BackwardFactor, step.Audit.BackwardFactor, null);

    public MatrixPanel ForwardView(string caption) =>
        Data("forward_view", $"{inputSymbol} ⊙ F", caption, MatrixTint.Feature, step.ForwardView, step.Audit.ForwardFactor, 2);

    public MatrixPanel BackwardView(string caption) =>
        Data("backward_view", $"{inputSymbol} ⊙ B", caption, MatrixTint.Feature, step.BackwardView, step.Audit.BackwardFactor, 2);

    public MatrixPanel Weight(string caption) => Weights("weight", "W", caption, MatrixTint.Weight, step.Audit.Weight, 1);

    public MatrixPanel OutputGradient(string caption) => new(
        $"{stepName}.grad_output", "δ", caption, MatrixTint.Signal, data, classes,
        [.. step.Audit.OutputGradient.Values.Select(value => Cell(value, 3))]);

    /// <summary>∂J/∂W; a weight is crossed out where no datum's gradient touches it.</summary>
    public MatrixPanel WeightGradient(string caption) => Weights(
        "grad_weight", "∂J/∂W", caption, MatrixTint.Gradient, step.Audit.WeightGradient, 3,
        feature => Enumerable.Range(0, step.BatchSize).All(datum => IsDropped(datum, feature)) ? Untouched : null);

    /// <summary>A datum's part of ∂J/∂W; a weight is crossed out where it has none.</summary>
    public MatrixPanel Contribution(int datum) => Weights(
        $"contribution.{datum + 1}", $"datum {datum + 1}", "its part of ∂J/∂W", MatrixTint.Gradient, step.Contribution(datum), 3,
        feature => IsDropped(datum, feature) ? Untouched : null);

    /// <summary>A matrix of the weights' shape that is no array of the step.</summary>
    /// <param name="name">Its name behind the step's.</param>
    /// <param name="symbol">Its symbol.</param>
    /// <param name="caption">What it is.</param>
    /// <param name="values">Its elements.</param>
    /// <param name="absence">Why a feature's column is crossed out, or null.</param>
    public MatrixPanel Gradient(
        string name, string symbol, string caption, AuditedArray values, Func<int, string?>? absence = null) =>
        Weights(name, symbol, caption, MatrixTint.Gradient, values, 3, absence);

    public NetworkPanel Network(int datum)
    {
        double[] view = step.ForwardView.Datum(datum).ToArray(), factor = step.Audit.ForwardFactor.Datum(datum).ToArray();
        double[] logits = step.Audit.Output.Datum(datum).ToArray();
        return new NetworkPanel(
            $"{stepName}.network.{datum + 1}", $"datum {datum + 1}",
            [.. view.Select((value, i) => factor[i] == 0 ? Zero(Dropped) : new MatrixCell(value, NumberText.Short(value), null))],
            [.. logits.Select(value => new MatrixCell(value, NumberText.Short(value), null))],
            step.Audit.Weight.Values);
    }

    private static MatrixCell Zero(string absence) => new(0, "0", absence);

    private bool IsDropped(int datum, int feature) => step.Audit.BackwardFactor.Datum(datum)[feature] == 0;

    private MatrixPanel Data(
        string name, string symbol, string caption, MatrixTint tint, AuditedArray values, AuditedArray? factor,
        int? decimals) => new(
        $"{stepName}.{name}", symbol, caption, tint, data, features,
        [.. values.Values.Select((value, i) => factor?.Values[i] == 0 ? Zero(Dropped) : Cell(value, decimals))]);

    private MatrixPanel Weights(
        string name, string symbol, string caption, MatrixTint tint, AuditedArray values, int decimals,
        Func<int, string?>? absence = null) => new(
        $"{stepName}.{name}", symbol, caption, tint, classes, features,
        [.. values.Values.Select((value, i) => absence?.Invoke(i % features.Length) is string why
            ? Zero(why)
            : Cell(value, decimals))]);

    private static MatrixCell Cell(double value, int? decimals) =>
        new(value, decimals is int count ? EstimateWords.Fixed(value, count) : NumberText.Short(value), null);
}
