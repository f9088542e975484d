namespace DropoutLab.Cli.Display;

/// <summary>Facts one below the other: a name, and what there is to say.</summary>
internal static class FactList
{
    /// <summary>Writes those facts that have a value.</summary>
    public static void Write(CommandConsole console, params IEnumerable<(string Name, string? Value)> facts)
    {
        (string Name, string? Value)[] known = [.. facts.Where(fact => fact.Value is not null)];
        int width = known.Max(fact => CellText.Width(fact.Name));
        foreach ((string name, string? value) in known)
            console.Output.WriteLine($"{CellText.PadRight(name, width)}  {value}");
    }
}
