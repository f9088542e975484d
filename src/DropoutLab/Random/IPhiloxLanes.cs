using System.Runtime.Intrinsics;

namespace DropoutLab.Random;

/// <summary>
/// One word of eight Philox counters, each in its own 64-bit lane. Only the low half of a lane counts: a widening product
/// leaves its high half behind, and neither the next product nor an exclusive or below it reads that.
/// </summary>
internal interface IPhiloxLanes<TSelf> where TSelf : struct, IPhiloxLanes<TSelf>
{
    /// <summary>The same word in every lane.</summary>
    static abstract TSelf Broadcast(uint word);

    /// <summary>first, first + 1, …, first + 7.</summary>
    static abstract TSelf Consecutive(uint first);

    /// <summary>The 64-bit product of each lane's low half and the factor.</summary>
    static abstract TSelf operator *(TSelf lanes, uint factor);

    static abstract TSelf operator ^(TSelf left, TSelf right);

    /// <summary>Each lane's high half moved into its low half.</summary>
    TSelf High { get; }

    /// <summary>The low halves in the order of the counters.</summary>
    Vector256<uint> Words { get; }
}
