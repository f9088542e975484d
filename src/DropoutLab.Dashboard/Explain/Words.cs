using DropoutLab.Dropout;
using DropoutLab.Explanations;

namespace DropoutLab.Dashboard.Explain;

/// <summary>Numbers in sentences.</summary>
internal static class Words
{
    private static readonly string[] Numbers = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight"];

    public static string Number(int number) => number < Numbers.Length ? Numbers[number] : $"{number}";

    /// <summary>p of the logistic regression's rule; of the rules side by side where it has none.</summary>
    public static double DropProbability(ExplanationSettings settings) => settings.Rule.Kind == DropoutKind.None
        ? settings.Ratio
        : settings.Rule.DropProbability.At(settings.Step);

    public static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>Which features a datum keeps, as in "datum 1 keeps x₂ and x₅".</summary>
    public static string Kept(int datum, LayerStep step)
    {
        IReadOnlyList<int> kept = step.KeptFeatures(datum);
        string[] names = [.. kept.Select(feature => Subscript.Of("x", feature + 1))];
        string features = kept.Count == step.Audit.Input.Shape[1] ? "all its features"
            : names.Length == 0 ? "none of its features"
            : List(names);
        return $"datum {datum + 1} keeps {features}";
    }

    private static string List(string[] names) =>
        names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";
}
