using DropoutLab.Dashboard.Shared;
using DropoutLab.Dropout;
using DropoutLab.Explanations;

namespace DropoutLab.Dashboard.Explain;

/// <summary>The pictures of an explanation, in the order of the page.</summary>
public sealed class ExplainFigures
{
    private readonly Explanation explanation;
    private readonly MatrixPanels plain;
    private readonly MatrixPanels perDatum;
    private readonly MatrixPanels perMinibatch;

    public ExplainFigures(Explanation explanation)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        this.explanation = explanation;
        MatrixPanels one = new("one", explanation.BatchOfOne, "X");
        plain = new MatrixPanels("minibatch", explanation.Minibatch, "X");
        perDatum = new MatrixPanels("per-datum", explanation.MaskPerDatum, "X");
        perMinibatch = new MatrixPanels("per-minibatch", explanation.MaskPerMinibatch, "X");
        string data = Data(explanation.Settings.BatchSize);
        BatchOfOne = Step("1-batch-of-one", "A logistic regression, a batch of one", one);
        Minibatch = Step("2-minibatch", $"The same, a batch of {data}", plain);
        Masks = new Figure("3-masks", "Features, one mask for each datum, and what the layer reads", Views(perDatum));
        Networks = new Figure("4-networks", "The networks that the data see", [.. DataNumbers.Select(perDatum.Network)]);
        Contributions = new Figure(
            "5-touched-weights", "Which weights each datum's gradient touches",
            [perDatum.OutputGradient("what comes back"), .. DataNumbers.Select(perDatum.Contribution),
                perDatum.WeightGradient("their sum")]);
        SharedMask = new Figure(
            "6-mask-per-minibatch", "One mask for the whole minibatch",
            [.. Views(perMinibatch).Skip(1), perMinibatch.WeightGradient("of the minibatch")]);
        ThinnedNetworks = new Figure(
            "7-thinned-networks", "Each datum alone in its own thinned network", [.. DataNumbers.Select(Thinned)]);
        Comparison = new Figure("8-difference", "The separate networks' mean, the one batch, and the difference", Differences());
        MatrixPanels second = Second(explanation.Rules[0]);
        HiddenLayer = new Figure("9-hidden-layer", "The second layer's input and weights",
            [second.Input("the layer's input"), second.Weight("its weights")]);
        Rules = [.. explanation.Rules.Select(RuleFigure)];
    }

    public Figure BatchOfOne { get; }

    public Figure Minibatch { get; }

    public Figure Masks { get; }

    public Figure Networks { get; }

    public Figure Contributions { get; }

    public Figure SharedMask { get; }

    public Figure ThinnedNetworks { get; }

    public Figure Comparison { get; }

    public Figure HiddenLayer { get; }

    /// <summary>One for each of the poster's rules.</summary>
    public IReadOnlyList<Figure> Rules { get; }

    /// <summary>All of them.</summary>
    public IReadOnlyList<Figure> All =>
        [BatchOfOne, Minibatch, Masks, Networks, Contributions, SharedMask, ThinnedNetworks, Comparison, HiddenLayer, .. Rules];

    private IEnumerable<int> DataNumbers => Enumerable.Range(0, explanation.Settings.BatchSize);

    private bool SameMaskInBothPasses => explanation.SameMaskInBothPasses;

    private static string Data(int count) => count == 1 ? "one" : $"{count}";

    private static Figure Step(string name, string title, MatrixPanels panels) => new(
        name, title, [panels.Input("features"), panels.Weight("weights"), panels.OutputGradient("what comes back"),
            panels.WeightGradient("gradient of the weights")]);

    private static MatrixPanels Second(RuleStep rule) => new($"rules.{Name(rule.Rule)}", rule.Layer, "h");

    private static string Name(DropoutRule rule) => rule.Kind.ToString().ToLowerInvariant();

    private static Figure RuleFigure(RuleStep rule, int index)
    {
        MatrixPanels panels = Second(rule);
        return new Figure(
            $"{10 + index}-rule-{Name(rule.Rule)}", $"What the layer saw under {rule.Rule}",
            [panels.ForwardView("what z saw"), panels.BackwardView("what ∂J/∂W saw"),
                panels.BackwardFactor("what δ was multiplied with")]);
    }

    private Panel[] Views(MatrixPanels panels) =>
    [
        panels.Input("features"),
        .. Under(SameMaskInBothPasses, "same-mask",
            panels.ForwardFactor("mask", "F = B"), panels.ForwardView("what the layer reads")),
        .. Under(!SameMaskInBothPasses, "different-masks",
            panels.ForwardFactor("mask of the forward pass"), panels.ForwardView("what z reads"),
            panels.BackwardFactor("mask of the backward pass"), panels.BackwardView("what ∂J/∂W reads")),
    ];

    private static IEnumerable<Panel> Under(bool holds, string condition, params Panel[] panels) =>
        panels.Select(panel => panel with { When = condition, IsShown = holds });

    private MatrixPanel Thinned(int datum)
    {
        IReadOnlyList<int> kept = explanation.Thinned.Networks[datum].KeptFeatures;
        MatrixPanel panel = perDatum.Gradient(
            $"thinned.{datum + 1}", Subscript.Of("G", datum + 1), $"datum {datum + 1} alone",
            explanation.Thinned.Networks[datum].WeightGradient,
            feature => kept.Contains(feature) ? null : "no such weight");
        return panel with { Cells = [.. panel.Cells.Select(cell => cell.Absence is null ? cell : cell with { Text = "–" })] };
    }

    private MatrixPanel[] Differences()
    {
        ThinnedComparison comparison = explanation.Thinned;
        string mean = explanation.Settings.BatchSize == 1
            ? "G₁"
            : $"mean of G₁…{Subscript.Of("G", explanation.Settings.BatchSize)}";
        return
        [
            perDatum.Gradient(
                "thinned.mean", mean, "separate networks", comparison.MeanGradient,
                feature => comparison.Networks.Any(network => network.KeptFeatures.Contains(feature)) ? null : "no such weight"),
            perDatum.WeightGradient("one backward pass"),
            Difference(perDatum.Gradient("thinned.difference", "difference", "as computed", comparison.Difference)),
        ];
    }

    /// <summary>What is left of rounding would be 0.000 in three decimals; it is shown as what it is.</summary>
    private static MatrixPanel Difference(MatrixPanel panel) => panel with
    {
        Tint = MatrixTint.Mask,
        Cells = [.. panel.Cells.Select(
            cell => Math.Abs(cell.Value) < 1e-9 ? cell with { Text = NumberText.Tiny(cell.Value) } : cell)],
    };
}
