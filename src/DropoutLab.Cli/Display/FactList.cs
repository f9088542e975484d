namespace DropoutLab.Cli.Display;

/// <summary>Facts one below the other: a name, and what there is to say.</summary>
internal static class FactList
{
    public static void Write(CommandConsole console, params IReadOnlyList<(string Name, string Value)> facts)
    {
        int width = facts.Max(fact => fact.Name.Length);
        foreach ((string name, string value) in facts)
            console.Output.WriteLine($"{name.PadRight(width)}  {value}");
    }
}
