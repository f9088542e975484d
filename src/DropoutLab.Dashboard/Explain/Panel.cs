namespace DropoutLab.Dashboard.Explain;

/// <summary>One of the drawings side by side in a figure.</summary>
public abstract record Panel
{
    /// <summary>In CSS pixels.</summary>
    public abstract double Width { get; }

    /// <summary>In CSS pixels.</summary>
    public abstract double Height { get; }
}
