namespace DropoutLab.Experiments.Statistics;

/// <summary>What a statement claims about the difference d of two cells.</summary>
public enum Relation
{
    /// <summary>d &gt; 0: supported by an interval above 0, refuted by one below.</summary>
    Above,

    /// <summary>d &lt; 0: supported by an interval below 0, refuted by one above.</summary>
    Below,

    /// <summary>|d| ≤ margin: supported by an interval within ±margin, refuted by one outside.</summary>
    Near,

    /// <summary>d is not above 0: refuted by an interval above 0, else supported by one below the margin.</summary>
    NotAbove,
}
