namespace DropoutLab.Experiments;

/// <summary>What is wrong with a sweep's file, and where.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Key">The key that it is about, or what stands in a key's place.</param>
/// <param name="Reason">What is wrong and what would be right, in one line.</param>
public sealed record SweepMistake(int Line, string Key, string Reason)
{
    /// <summary>As in: line 3, dropout: the reason.</summary>
    public override string ToString() => $"line {Line}, {Key}: {Reason.ReplaceLineEndings(" ")}";
}
