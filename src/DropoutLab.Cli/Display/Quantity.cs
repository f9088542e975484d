namespace DropoutLab.Cli.Display;

/// <summary>Numbers of things for people.</summary>
internal static class Quantity
{
    /// <summary>As in "1 epoch" or "50,000 images".</summary>
    public static string Text(int count, string thing) => $"{count:n0} {thing}{(count == 1 ? "" : "s")}";
}
