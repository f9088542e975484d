using System.Globalization;

namespace DropoutLab.Dropout;

/// <summary>Which sites take dropout, and with which ratio where it is not the rule's: NAME or NAME=P, as in fc1 or conv*=0.1.</summary>
/// <param name="Name">A site's name, in which * stands for any characters.</param>
/// <param name="DropProbability">
/// p there, at every step, in place of the rule's; a second mask's q stays the rule's. Null for the rule's own.
/// </param>
/// <exception cref="DropoutLabException">The probability is not in [0, 1).</exception>
public sealed record SitePattern(string Name, double? DropProbability = null)
{
    /// <inheritdoc cref="SitePattern" path="/param[@name='DropProbability']"/>
    public double? DropProbability { get; } = DropProbability is { } ratio ? DropoutRule.Ratio(ratio) : null;

    /// <inheritdoc cref="Parse"/>
    public static implicit operator SitePattern(string text) => Parse(text);

    /// <summary>Reads what <see cref="ToString"/> writes; the number has a decimal point in every culture.</summary>
    /// <exception cref="DropoutLabException">There is no name, or what is behind = is no number in [0, 1).</exception>
    public static SitePattern Parse(string text) => text.Split('=', StringSplitOptions.TrimEntries) switch
    {
        [{ Length: > 0 } name] => new SitePattern(name),
        [{ Length: > 0 } name, var ratio] when double.TryParse(ratio, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => new SitePattern(name, number),
        _ => throw new DropoutLabException($"dropout site '{text}' is none: use a weight layer's name, or NAME=P with a drop probability P of its own, as in fc1=0.2"),
    };

    /// <summary>NAME or NAME=P.</summary>
    public override string ToString() =>
        DropProbability is { } ratio ? string.Create(CultureInfo.InvariantCulture, $"{Name}={ratio}") : Name;
}
